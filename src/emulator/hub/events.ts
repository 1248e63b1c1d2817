/** What a hub saw on its wire; `at` in clock ms, reasons in words. */
export type HubEvent =
  | {
      readonly type: 'connected';
      readonly at: number;
      readonly deviceId: string;
      /** Whether subscriptions of an earlier connection were kept. */
      readonly sessionPresent: boolean;
      readonly modelId?: string;
      readonly clientType?: string;
    }
  | { readonly type: 'disconnected'; readonly at: number; readonly deviceId: string; readonly reason: string }
  | {
      readonly type: 'authenticationFailed';
      readonly at: number;
      /** As the client said it; '' where its username has another shape. */
      readonly deviceId: string;
      /** Of the CONNACK. */
      readonly returnCode: number;
      readonly reason: string;
    }
  | {
      readonly type: 'subscriptionRefused';
      readonly at: number;
      readonly deviceId: string;
      readonly filter: string;
      readonly reason: string;
    };
