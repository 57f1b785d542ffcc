using Microsoft.ML;

namespace Sconce.Trainers.Columns;

/// <summary>Looks up columns of a schema's shape, for which ML.NET's own method is internal.</summary>
internal static class ShapeColumns
{
    public static bool TryFind(this SchemaShape shape, string name, out SchemaShape.Column column)
    {
        foreach (var each in shape)
        {
            if (each.Name == name)
            {
                column = each;
                return true;
            }
        }

        column = default;
        return false;
    }
}
