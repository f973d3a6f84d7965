/** Snapshots that are copies of files into a directory. */
package io.stillpoint.directory;
