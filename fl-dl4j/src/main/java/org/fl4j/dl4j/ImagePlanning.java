package org.fl4j.dl4j;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.fl4j.models.internal.image.PermutationLayer;

/** How examples and preprocessors shape what flows through a plan: DL4J's images have channels first, a plan's last. */
final class ImagePlanning {

    private ImagePlanning() {}

    /** The flow of an example's features, put into the plans' order. */
    static Flow input(List<Long> shape, PlanBuilder plan) throws NotCoveredException {
        if (shape.size() == 1) {
            return new Flow.Flat(Math.toIntExact(shape.get(0)));
        }
        if (shape.size() == 3) {
            return image(shape.get(0), shape.get(1), shape.get(2), plan);
        }
        throw new NotCoveredException("features of shape " + shape);
    }

    static Flow through(InputPreProcessor processor, Flow in, PlanBuilder plan) throws NotCoveredException {
        Class<?> type = processor.getClass();
        if (type == FeedForwardToCnnPreProcessor.class) {
            FeedForwardToCnnPreProcessor conf = (FeedForwardToCnnPreProcessor) processor;
            if (in instanceof Flow.Image) {
                return in;
            }
            if (in instanceof Flow.Flat
                    && in.length() == conf.getNumChannels() * conf.getInputHeight() * conf.getInputWidth()) {
                return image(conf.getNumChannels(), conf.getInputHeight(), conf.getInputWidth(), plan);
            }
        }
        if (type == CnnToFeedForwardPreProcessor.class
                && ((CnnToFeedForwardPreProcessor) processor).getFormat() != CNN2DFormat.NHWC) {
            if (in instanceof Flow.Image image) {
                return flat(image, plan);
            }
            if (in instanceof Flow.Flat) {
                return in;
            }
        }
        throw new NotCoveredException("the preprocessor " + type.getSimpleName() + " on " + in);
    }

    private static Flow image(long channels, long height, long width, PlanBuilder plan) {
        Flow.Image image = new Flow.Image(Math.toIntExact(height), Math.toIntExact(width), Math.toIntExact(channels));
        if (isReordered(image)) {
            plan.add(new PermutationLayer(
                    PermutationLayer.channelsLast(image.channels(), image.height() * image.width())));
        }
        return image;
    }

    private static Flow flat(Flow.Image image, PlanBuilder plan) {
        if (isReordered(image)) {
            plan.add(new PermutationLayer(
                    PermutationLayer.channelsLast(image.height() * image.width(), image.channels())));
        }
        return new Flow.Flat(image.length());
    }

    private static boolean isReordered(Flow.Image image) {
        return image.channels() > 1 && image.height() * image.width() > 1;
    }
}
