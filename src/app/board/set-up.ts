import type { BusDevice } from '../host/peripherals/index.js';
import type { AccessPoint } from '../host/wifi/access-point.js';
import type { WifiHost } from '../host/wifi/index.js';
import type { Adc, I2cBus, SpiBus } from './buses.js';
import type { Pin } from './pin.js';

/** What is on a board: by the number that C has for a pin or a bus, or by its name in the hardware definition. */
export interface BoardOptions {
  /** The levels of pins; those not named are high. */
  readonly gpio?: Readonly<Record<string, 0 | 1>> | undefined;
  /** The devices of each bus, by their addresses. */
  readonly i2c?: Readonly<Record<string, Readonly<Record<number, BusDevice>>>> | undefined;
  /** The device of each bus. */
  readonly spi?: Readonly<Record<string, BusDevice>> | undefined;
  /** The volts at the channels of each converter, or what gives them at each sample. */
  readonly adc?: Readonly<Record<string, Readonly<Record<number, number | (() => number)>>>> | undefined;
}

/** The Wi-Fi when the app starts. */
export interface WifiOptions {
  /** The networks in the air. Default: one without a key, which the device knows. */
  readonly accessPoints?: readonly AccessPoint[] | undefined;
  /** The networks that the device knows, with its key for them, in the place of what it knew. Default: what it knew. */
  readonly stored?: readonly AccessPoint[] | undefined;
}

/** The board of an app, by the names or numbers of its parts. */
export interface Board {
  gpio(pin: number | string): Pin;
  i2c(bus: number | string): I2cBus;
  spi(bus: number | string): SpiBus;
  adc(controller: number | string): Adc;
}

/** What is on the board when the app starts. */
export function setUpBoard(board: Board, { gpio = {}, i2c = {}, spi = {}, adc = {} }: BoardOptions = {}): void {
  for (const [pin, value] of Object.entries(gpio)) board.gpio(named(pin)).set(value);
  for (const [bus, devices] of Object.entries(i2c)) {
    const attached = board.i2c(named(bus));
    for (const [address, device] of Object.entries(devices)) attached.attach(Number(address), device);
  }
  for (const [bus, device] of Object.entries(spi)) board.spi(named(bus)).attach(device);
  for (const [controller, channels] of Object.entries(adc)) {
    const converter = board.adc(named(controller));
    for (const [channel, volts] of Object.entries(channels)) converter.set(Number(channel), volts);
  }
}

/** What is in the air when the app starts, and what the device knows of it. */
export function setUpWifi(wifi: WifiHost, { accessPoints, stored }: WifiOptions = {}): void {
  if (accessPoints !== undefined) wifi.points = accessPoints;
  if (stored !== undefined) wifi.store(stored);
}

/** The names of an object's fields are texts, also where they are numbers. */
function named(name: string): number | string {
  return /^\d+$/.test(name) ? Number(name) : name;
}
