/** A simulated Compute endpoint: REST and JSON, with disks, snapshots, instances, operations. */
package io.stillpoint.sandbox.cloud.gce;
