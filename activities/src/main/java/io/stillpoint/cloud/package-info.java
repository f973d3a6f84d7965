/**
 * What the clouds' providers share: which volumes a member has, what is written on every snapshot,
 * and pacing. Knows no cloud's SDK.
 */
package io.stillpoint.cloud;
