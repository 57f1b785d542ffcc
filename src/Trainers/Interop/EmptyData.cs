using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Interop;

/// <summary>Data without rows, for estimators that only look at columns.</summary>
internal static class EmptyData
{
    public static IDataView Of(MLContext ml, DataViewSchema schema) => new EmptyDataView(ml, schema);
}
