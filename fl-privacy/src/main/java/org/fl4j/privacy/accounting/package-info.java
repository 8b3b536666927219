/** What a sequence of noised releases costs: epsilon and privacyDelta of subsampled Gaussian mechanisms. */
@NullMarked
package org.fl4j.privacy.accounting;

import org.jspecify.annotations.NullMarked;
