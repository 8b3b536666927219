package org.fl4j.compression;

import java.util.Map;
import java.util.TreeMap;

/** From a codec to its spec and back. */
final class Specs {

    private Specs() {}

    static CodecSpec of(String name, Map<String, Double> parameters) {
        return new CodecSpec(name, new TreeMap<>(parameters));
    }

    static Codec codec(CodecSpec spec) {
        Codec codec = switch (spec.name()) {
            case "none" -> Codec.none();
            case "fp16" -> Codec.fp16();
            case "sign" -> Codec.sign();
            case "top-k" -> Codec.topK(number(spec, "fraction"));
            case "random-k" -> Codec.randomK(number(spec, "fraction"));
            case "qsgd" -> Codec.qsgd(integer(spec, "levels"), integer(spec, "bucket"));
            case "eden" -> Codec.eden(integer(spec, "bits"));
            default ->
                throw new IllegalArgumentException(
                        "codec must be none, fp16, sign, top-k, random-k, qsgd or eden, but was " + spec);
        };
        if (!codec.spec().equals(spec)) {
            throw new IllegalArgumentException("codec '" + spec.name() + "' must have the parameters "
                    + codec.spec().parameters().keySet() + ", but was " + spec);
        }
        return codec;
    }

    private static double number(CodecSpec spec, String parameter) {
        Double value = spec.parameters().get(parameter);
        if (value == null) {
            throw new IllegalArgumentException(
                    "codec '" + spec.name() + "' must have a parameter '" + parameter + "', but was " + spec);
        }
        return value;
    }

    private static int integer(CodecSpec spec, String parameter) {
        double value = number(spec, parameter);
        if (value != (int) value) {
            throw new IllegalArgumentException(
                    "codec '" + spec.name() + "': " + parameter + " must be an integer, but was " + value);
        }
        return (int) value;
    }
}
