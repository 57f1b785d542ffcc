using FsCheck;

namespace Sconce.Trainers.Tests;

internal static class PropertyExtensions
{
    /// <summary>Checks a property on values drawn at random; a failure names the value, and the seed with which to draw it again.</summary>
    public static void Holds(this Property property, int tests = 100) =>
        property.Check(Config.QuickThrowOnFailure.WithMaxTest(tests).WithQuietOnSuccess(true));
}
