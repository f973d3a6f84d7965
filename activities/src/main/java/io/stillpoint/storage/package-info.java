/** Files and directories that survive crashes, and deletions that cannot go astray. */
package io.stillpoint.storage;
