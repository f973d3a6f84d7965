/** Workflow and activity contracts, planning and workflow code of Stillpoint. */
package io.stillpoint;
