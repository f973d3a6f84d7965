/**
 * Activity implementations: one effect each, translated from the ports to the workflow contract.
 */
package io.stillpoint.activities;
