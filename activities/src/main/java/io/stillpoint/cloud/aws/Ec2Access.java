package io.stillpoint.cloud.aws;

import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import java.net.URI;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.Ec2ClientBuilder;

/**
 * Two clients of one region. CreateSnapshot has no client token, and the SDK's retry strategies
 * send it again after a 5xx or a lost response, which makes a second snapshot; so what creates goes
 * through a client that never retries.
 *
 * @param reading for what may be repeated: looking and deleting
 * @param creating for what must be sent once
 */
public record Ec2Access(Ec2Client reading, Ec2Client creating) implements AutoCloseable {

  public static Ec2Access open(EbsSettings settings, AwsCredentialsProvider credentials) {
    return open(settings.region(), settings, settings.endpoint(), credentials);
  }

  /** The region that snapshots are copied to. */
  public static Optional<Ec2Access> openForCopies(
      EbsSettings settings, AwsCredentialsProvider credentials) {
    return settings.copy().map(copy -> open(copy.region(), settings, copy.endpoint(), credentials));
  }

  private static Ec2Access open(
      String region,
      EbsSettings settings,
      Optional<URI> endpoint,
      AwsCredentialsProvider credentials) {
    if (Region.regions().stream().noneMatch(r -> r.id().equals(region)) && endpoint.isEmpty()) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "region '%s' is none that this version knows".formatted(region),
          "correct the region in the worker's configuration, for example eu-central-1");
    }
    return new Ec2Access(
        client(region, settings, endpoint, credentials, AwsRetryStrategy.standardRetryStrategy()),
        client(region, settings, endpoint, credentials, AwsRetryStrategy.doNotRetry()));
  }

  String region() {
    return reading.serviceClientConfiguration().region().id();
  }

  private static Ec2Client client(
      String region,
      EbsSettings settings,
      Optional<URI> endpoint,
      AwsCredentialsProvider credentials,
      RetryStrategy retries) {
    Ec2ClientBuilder builder =
        Ec2Client.builder()
            .region(Region.of(region))
            .credentialsProvider(credentials)
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(settings.callTimeout())
                    .socketTimeout(settings.callTimeout()))
            .overrideConfiguration(
                ClientOverrideConfiguration.builder()
                    .retryStrategy(retries)
                    .apiCallAttemptTimeout(settings.callTimeout())
                    .build());
    endpoint.ifPresent(builder::endpointOverride);
    return builder.build();
  }

  @Override
  public void close() {
    reading.close();
    creating.close();
  }
}
