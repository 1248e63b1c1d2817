void Measure(void);
