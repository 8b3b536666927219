package org.fl4j.models.internal;

/**
 * What is done to a layer's mean gradient before terms and optimizer; DL4J's gradient normalisations.
 *
 * @param kind which
 * @param threshold of the clipping kinds
 */
public record Clipping(Kind kind, double threshold) {

    /** No clipping. */
    public static final Clipping NONE = new Clipping(Kind.NONE, 0);

    /** The normalisations; a norm is Euclidean. */
    public enum Kind {
        /** Nothing. */
        NONE,
        /** Divides by the layer's norm. */
        RENORMALIZE_LAYER,
        /** Divides each parameter's gradient by its norm. */
        RENORMALIZE_PARAMETER,
        /** Each value to [-threshold, threshold]. */
        CLIP_VALUES,
        /** The layer's norm to the threshold. */
        CLIP_LAYER,
        /** Each parameter's norm to the threshold. */
        CLIP_PARAMETER
    }

    boolean isNone() {
        return kind == Kind.NONE;
    }

    boolean isOfLayer() {
        return kind == Kind.RENORMALIZE_LAYER || kind == Kind.CLIP_LAYER;
    }

    /** What to multiply a gradient of this norm by. */
    double factor(double norm) {
        return switch (kind) {
            case NONE, CLIP_VALUES -> 1;
            case RENORMALIZE_LAYER, RENORMALIZE_PARAMETER -> 1 / (norm == 0 ? 1e-5 : norm);
            case CLIP_LAYER, CLIP_PARAMETER -> norm > threshold ? threshold / norm : 1;
        };
    }

    void clipValues(float[] g, int n) {
        if (kind == Kind.CLIP_VALUES) {
            float most = (float) threshold;
            for (int i = 0; i < n; i++) {
                g[i] = Math.max(-most, Math.min(most, g[i]));
            }
        }
    }
}
