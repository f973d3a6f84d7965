/**
 * Starts replica sets and sharded clusters as processes on this machine: the simulated servers, or
 * real ones, with the same flags and commands.
 */
package io.stillpoint.sandbox.cluster;
