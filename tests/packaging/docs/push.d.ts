// The module that the examples for frameworks share.

export declare const push: import('tidings').Push;
