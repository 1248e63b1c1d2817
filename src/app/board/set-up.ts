import type { WifiHost } from '../host/wifi/index.js';
import type { BoardOptions, WifiOptions } from '../launch-options.js';
import type { Adc, I2cBus, SpiBus } from './buses.js';
import type { Pin } from './pin.js';

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
