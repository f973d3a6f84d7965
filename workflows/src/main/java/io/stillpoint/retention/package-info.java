/** Which backups are kept, and the deletion of the others. */
package io.stillpoint.retention;
