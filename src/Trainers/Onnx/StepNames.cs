using Microsoft.ML;
using Sconce.Trainers.Model;
using Sconce.Trainers.Tables;

namespace Sconce.Trainers.Onnx;

/// <summary>The names of ML.NET's transformers, as the names of the catalog methods that create them.</summary>
internal static class StepNames
{
    /// <summary>A step's name, for messages; the name of its type if it is unknown.</summary>
    public static string Of(ITransformer step)
    {
        if (step is OptionalStep optional)
            return Of(optional.Step);
        if (step is TableStep table)
        {
            return table.Mapping switch
            {
                CategoryMapping => "MapCategories",
                NumberMapping => "MapNumbers",
                _ => "MapBoolean",
            };
        }

        var type = step.GetType();
        return type.Name.Split('`')[0] switch
        {
            "Transformer" when type.DeclaringType?.Name == "TextFeaturizingEstimator" => "FeaturizeText",
            "CustomMappingTransformer" => "CustomMapping",
            "ColumnConcatenatingTransformer" => "Concatenate",
            "ColumnCopyingTransformer" => "CopyColumns",
            "ColumnSelectingTransformer" => "SelectColumns (or DropColumns)",
            "NormalizingTransformer" => "NormalizeMinMax (or another normalizer)",
            "LpNormNormalizingTransformer" => "NormalizeLpNorm (or NormalizeGlobalContrast)",
            "MissingValueReplacingTransformer" => "ReplaceMissingValues",
            "MissingValueIndicatorTransformer" => "IndicateMissingValues",
            "TypeConvertingTransformer" => "ConvertType",
            "ValueMappingTransformer" => "MapValue",
            "ValueToKeyMappingTransformer" => "MapValueToKey",
            "KeyToValueMappingTransformer" => "MapKeyToValue",
            "KeyToVectorMappingTransformer" => "MapKeyToVector",
            "KeyToBinaryVectorMappingTransformer" => "MapKeyToBinaryVector",
            "HashingTransformer" => "Hash",
            "OneHotEncodingTransformer" => "OneHotEncoding",
            "OneHotHashEncodingTransformer" => "OneHotHashEncoding",
            "PrincipalComponentAnalysisTransformer" => "ProjectToPrincipalComponents",
            "SlotsDroppingTransformer" => "SelectFeaturesBasedOnCount",
            "TextNormalizingTransformer" => "NormalizeText",
            "WordTokenizingTransformer" => "TokenizeIntoWords",
            "TokenizingByCharactersTransformer" => "TokenizeIntoCharactersAsKeys",
            "NgramExtractingTransformer" => "ProduceNgrams",
            "NgramHashingTransformer" => "ProduceHashedNgrams",
            "WordEmbeddingTransformer" => "ApplyWordEmbedding",
            "ImageLoadingTransformer" => "LoadImages",
            "ImageResizingTransformer" => "ResizeImages",
            "ImageGrayscalingTransformer" => "ConvertToGrayscale",
            "ImagePixelExtractingTransformer" => "ExtractPixels",
            "OnnxTransformer" => "ApplyOnnxModel",
            var name => name,
        };
    }
}
