// The suite that init-tests writes fails where the app no longer does what it did: it takes the package, `npm run build`.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { changeManifest, edit, failuresOf, folderForApps, suiteOf } from './init-tests-support.js';

const { copyOf } = folderForApps();

const PINS = ['$MT3620_RDB_BUTTON_A', '$MT3620_RDB_LED1_RED', '$MT3620_RDB_LED2_GREEN'];

/** Button A switches the red lamp; the green one blinks. */
const LAMPS = `#include <time.h>
#include <applibs/gpio.h>
#include <hw/mt3620_rdb.h>
int main(void)
{
    int button = GPIO_OpenAsInput(MT3620_RDB_BUTTON_A);
    int red = GPIO_OpenAsOutput(MT3620_RDB_LED1_RED, GPIO_OutputMode_PushPull, GPIO_Value_High);
    int green = GPIO_OpenAsOutput(MT3620_RDB_LED2_GREEN, GPIO_OutputMode_PushPull, GPIO_Value_High);
    GPIO_Value_Type was = GPIO_Value_High, is, lamp = GPIO_Value_High;
    for (int i = 1;; i++)
    {
        GPIO_GetValue(button, &is);
        if (is != was && is == GPIO_Value_Low)
            GPIO_SetValue(red, lamp = lamp == GPIO_Value_High ? GPIO_Value_Low : GPIO_Value_High);
        was = is;
        if (i % 50 == 0)
            GPIO_SetValue(green, i % 100 == 0 ? GPIO_Value_High : GPIO_Value_Low);
        nanosleep(&(struct timespec){ .tv_nsec = 10 * 1000 * 1000 }, NULL);
    }
}
`;

test('lamps that are lit from the start, and are not switched', async () => {
  const app = copyOf('test/cli/echo');
  const main = path.join(app, 'main.c');
  writeFileSync(main, LAMPS);
  changeManifest(app, { Gpio: PINS, Uart: [] });
  expect((await suiteOf(app)).verdicts).toEqual({
    'MT3620_RDB_BUTTON_A is pressed': 'passed',
    'MT3620_RDB_LED2_GREEN is 1, and becomes 0': 'passed',
    'ends when it is told to': 'passed',
  });
  const opened = 'GPIO_OutputMode_PushPull, GPIO_Value_';
  edit(
    main,
    [`${opened}High`, `${opened}Low`],
    [`${opened}High`, `${opened}Low`],
    ['GPIO_SetValue(red, ', '(void)('],
    ['GPIO_SetValue(green, ', '(void)('],
  );
  expect(await failuresOf(app)).toEqual([
    'MT3620_RDB_BUTTON_A is pressed',
    'MT3620_RDB_LED2_GREEN is 1, and becomes 0',
  ]);
});

test('the message of a button that is sent at the start instead', async () => {
  const app = copyOf('examples/event-loop');
  expect((await suiteOf(app)).verdicts).toMatchObject({ 'DEMO_BUTTON is pressed': 'passed' });
  edit(
    path.join(app, 'src/main.c'),
    ['if (value != buttonState && value == GPIO_Value_Low)', 'static bool sent = false;\n    if (!sent)'],
    ['Connection_SendTelemetry("{\\"button', 'sent = Connection_SendTelemetry("{\\"button'],
  );
  expect(await failuresOf(app)).toContain('DEMO_BUTTON is pressed');
});

test('reported properties, storage and messages from the cloud', async () => {
  const app = copyOf('examples/epoll');
  const main = path.join(app, 'main.c');
  expect((await suiteOf(app)).verdicts).toMatchObject({ 'finds what it has stored after a restart': 'passed' });
  edit(main, ['count = LoadCount();', '(void)LoadCount();']);
  expect(await failuresOf(app)).toEqual(['finds what it has stored after a restart']);
  edit(main, ['IoTHubDeviceClient_LL_SetMessageCallback(hub, OnMessage, NULL);', '(void)OnMessage;']);
  expect(await failuresOf(app)).toEqual(['takes a message from the cloud', 'finds what it has stored after a restart']);
  edit(main, [
    'IoTHubDeviceClient_LL_SendReportedState(hub, (const unsigned char*)json, strlen(json), NULL, NULL);',
    '',
  ]);
  expect(await failuresOf(app)).toContain('DEMO_BUTTON is pressed');
});
