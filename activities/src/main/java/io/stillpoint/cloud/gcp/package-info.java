/** Google Compute Engine disk snapshots. */
package io.stillpoint.cloud.gcp;
