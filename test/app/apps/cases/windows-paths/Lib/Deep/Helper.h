int Helper(void);
