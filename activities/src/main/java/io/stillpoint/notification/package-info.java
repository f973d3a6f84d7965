/** Telling other systems what happens. */
package io.stillpoint.notification;
