using System.Runtime.InteropServices;
using Sconce.Trainers.Columns;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Training rows for a network that looks at its input before it is trained, such as for the quantiles of numbers.</summary>
internal static class RowSample
{
    /// <summary>More values do not move quantiles noticeably.</summary>
    private const int MostRows = 200_000;
    private const int MostValues = 50_000_000;

    /// <summary>The features of the rows, or of a random sample of them: floats [rows, values], with bytes divided by 255.</summary>
    public static float[,] Of(TrainingRows rows, ColumnBinding feature)
    {
        var width = feature.Field.Length;
        var values = new float[(int)Math.Min(rows.Count, Math.Clamp(MostValues / width, 1, MostRows)), width];
        var row = new byte[rows.RowBytes];
        rows.BeginEpoch(0);
        for (var i = 0; i < values.GetLength(0) && rows.TryNext(row); i++)
        {
            var into = MemoryMarshal.CreateSpan(ref values[i, 0], width);
            if (feature.Field.Type == ScalarType.Float32)
            {
                MemoryMarshal.Cast<byte, float>(row.AsSpan(0, feature.Field.Bytes)).CopyTo(into);
                continue;
            }

            for (var j = 0; j < width; j++)
                into[j] = row[j] / (float)byte.MaxValue;
        }

        return values;
    }
}
