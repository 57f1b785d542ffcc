using System.Reflection;

namespace Sconce.Trainers;

/// <summary>Types as a file names them: "Namespace.Type, Assembly". A file may name what the program has, not where to load it from.</summary>
internal static class NamedType
{
    public static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    /// <summary>Finds a type by its name; null where the program has none of that name.</summary>
    public static Type? Find(string name) => Parse(name) is var (type, assembly) ? Load(assembly)?.GetType(type) : null;

    /// <summary>Says that a type is missing, and which assembly has it.</summary>
    public static string Missing(string name)
    {
        if (Parse(name) is not var (_, assembly))
            return $"the type '{name}' is not in this program. Reference the assembly that has it";
        return Load(assembly) is { } found
            ? $"the type '{name}' is not in this program: its assembly '{assembly}' is, in the version {found.GetName().Version}, without it. Reference the version that has it"
            : $"the type '{name}' is not in this program. Reference the assembly that has it, '{assembly}'";
    }

    private static (string Type, string Assembly)? Parse(string name) =>
        name.Split(", ") is [var type, var assembly] && !assembly.Contains('=', StringComparison.Ordinal) ? (type, assembly) : null;

    private static Assembly? Load(string name)
    {
        try
        {
            return Assembly.Load(new AssemblyName(name));
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or ArgumentException)
        {
            return null;
        }
    }
}
