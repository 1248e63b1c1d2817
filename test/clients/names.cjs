// Loaded before a client (NODE_OPTIONS=--require): the names of Azure lead to the address in SPHERE_IOT_ADDRESS, as a hosts file
// would have it. The client itself is untouched.
const dns = require('node:dns');

const { lookup } = dns;
const address = process.env.SPHERE_IOT_ADDRESS;

dns.lookup = (name, options, callback = options) =>
  /\.(azure-devices\.net|azure-devices-provisioning\.net|windows\.net)$/.test(name)
    ? lookup(address, options, callback)
    : lookup(name, options, callback);
