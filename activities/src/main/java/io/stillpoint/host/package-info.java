/** What a node agent does on a member's own host. */
package io.stillpoint.host;
