/** dist/sphere-iot.wasm, gzipped, as base64. The build writes it. */
export declare const gzipped: string;
