int Other(void);
