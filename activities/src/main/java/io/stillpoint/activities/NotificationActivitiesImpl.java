package io.stillpoint.activities;

import io.stillpoint.activity.NotificationActivities;
import io.stillpoint.error.ErrorCode;
import io.stillpoint.error.StillpointException;
import io.stillpoint.notification.Webhook;
import io.stillpoint.notification.WebhookSender;
import java.util.Map;

/** Sends to the webhooks that this worker's configuration names. */
public final class NotificationActivitiesImpl implements NotificationActivities {

  private final Map<String, Webhook> webhooks;
  private final WebhookSender sender = new WebhookSender();

  public NotificationActivitiesImpl(Map<String, Webhook> webhooks) {
    this.webhooks = Map.copyOf(webhooks);
  }

  @Override
  public void send(String name, Notice notice) {
    Webhook webhook = webhooks.get(name);
    if (webhook == null) {
      throw new StillpointException(
          ErrorCode.CONFIGURATION_INVALID,
          "this worker has no webhook '%s', another one has".formatted(name),
          "give all control workers the same stillpoint.notifications");
    }
    sender.send(webhook, notice);
  }
}
