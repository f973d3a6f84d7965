/**
 * The command line {@code stillpoint}: one class per command, data on stdout, progress on stderr.
 */
package io.stillpoint.cli;
