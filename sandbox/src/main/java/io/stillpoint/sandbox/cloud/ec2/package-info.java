/** A simulated EC2 endpoint: EC2's query protocol, with volumes, snapshots and instances. */
package io.stillpoint.sandbox.cloud.ec2;
