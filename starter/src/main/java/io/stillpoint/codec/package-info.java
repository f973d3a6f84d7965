/** Shows people who have the keys what Temporal stores encrypted. */
package io.stillpoint.codec;
