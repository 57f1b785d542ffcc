using System.Buffers;
using System.Reflection;

namespace Sconce.Trainers.Persistence;

/// <summary>
/// The names of types in files: "Namespace.Type, Assembly". A file may only name types of the expected kind in assemblies of the program:
/// names are parsed here first, because the runtime's own grammar allows arrays and type arguments of any depth.
/// </summary>
internal static class NamedType
{
    private const int LongestName = 1000;
    private const int LongestShown = 100;

    private static readonly SearchValues<char> _notPlain = SearchValues.Create("[]*&,=`\\/:;\"'");

    public static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    /// <summary>Finds a type by its name; null if the program has none that derives from <paramref name="expected"/>.</summary>
    public static Type? Find(string name, Type expected) =>
        Parse(name) is var (type, assembly) && FindIn(assembly, type) is { ContainsGenericParameters: false } found && found.IsAssignableTo(expected) ? found : null;

    /// <summary>Explains why <see cref="Find"/> returned null, with a remedy.</summary>
    public static string Missing(string name, Type expected, string kind)
    {
        var shown = name.Length <= LongestShown ? name : $"{name.AsSpan(0, LongestShown)}...";
        if (Parse(name) is not var (type, assembly))
            return $"the type '{shown}' is not in this program: its name is not of the form 'Namespace.Type, Assembly'. Train and save the model again";
        if (FindIn(assembly, type) is { } other)
            return other.IsAssignableTo(expected) ? $"the type '{shown}' has type parameters, which are not supported. Use a type without them" : $"the type '{shown}' is not a {kind}. Train and save the model again";
        return Load(assembly) is { } found
            ? $"the type '{shown}' is not in this program: version {found.GetName().Version} of its assembly '{assembly}' does not have it. Reference the version that does"
            : $"the type '{shown}' is not in this program. Reference the assembly that has it, '{assembly}'";
    }

    private static (string Type, string Assembly)? Parse(string name) =>
        name.Length <= LongestName && name.Split(", ") is [var type, var assembly] && IsPlain(type) && IsPlain(assembly) ? (type, assembly) : null;

    private static bool IsPlain(string name) => name.Length > 0 && !name.AsSpan().ContainsAny(_notPlain) && !name.Any(char.IsControl);

    private static Type? FindIn(string assembly, string type) => Try(() => Load(assembly)?.GetType(type));

    private static Assembly? Load(string name) => Try(() => Assembly.Load(new AssemblyName(name)));

    private static T? Try<T>(Func<T?> find)
        where T : class
    {
        try
        {
            return find();
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or ArgumentException or TypeLoadException)
        {
            return null;
        }
    }
}
