/** What a run carries from one round to the next: its identity, and the states of rules, selectors and clients in binary form. */
@NullMarked
package org.fl4j.state;

import org.jspecify.annotations.NullMarked;
