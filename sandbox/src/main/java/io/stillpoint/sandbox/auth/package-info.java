/**
 * Authentication and authorization of the simulated servers: SCRAM, key files, users, roles, and
 * what each command needs.
 *
 * <p>It depends on nothing but {@code org.bson} and the wire protocol, because mongod and mongos
 * share it.
 */
package io.stillpoint.sandbox.auth;
