/** Snapshots by a program that the node agent's configuration names. */
package io.stillpoint.command;
