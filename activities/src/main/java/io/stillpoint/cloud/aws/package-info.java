/** Amazon EBS snapshots through the EC2 API. */
package io.stillpoint.cloud.aws;
