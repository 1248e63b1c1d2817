// What the headers of the applibs declare and include, as apps rely on it. The exit code counts what is not so.
int EventLoopNames(void);
int I2cNames(void);
int NetworkingNames(void);
int PowerNames(void);
int PwmNames(void);
int SpiNames(void);
int UartNames(void);
int WifiNames(void);

int main(void)
{
    return EventLoopNames() + I2cNames() + NetworkingNames() + PowerNames() + PwmNames() + SpiNames() + UartNames() + WifiNames();
}
