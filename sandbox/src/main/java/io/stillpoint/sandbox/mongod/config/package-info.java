/** Command line, configuration file, parameters, and the simulated versions. */
package io.stillpoint.sandbox.mongod.config;
