/** Examines whether a backup and a restore would find everything that they need. */
package io.stillpoint.check;
