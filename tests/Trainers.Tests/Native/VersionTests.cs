using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Data;
using TorchSharp;

namespace Sconce.Trainers.Tests.Native;

/// <summary>The versions whose inner workings this library relies on: another one has to be looked at before it is used.</summary>
public class VersionTests
{
    /// <summary>src/Trainers/Interop uses members of these two assemblies that ML.NET keeps to itself.</summary>
    [Theory]
    [InlineData(typeof(MLContext))]
    [InlineData(typeof(DataViewSchema))]
    [InlineData(typeof(TextLoader))]
    public void Interop_was_checked_against_ML_NET_5_0_1(Type type) => Assert.Equal("5.0.1", ProductVersion(type));

    /// <summary>The weakened version need, the scalars that are held by hand and the tensor counts are this version's.</summary>
    [Fact]
    public void The_native_side_was_checked_against_TorchSharp_0_107_0() => Assert.Equal("0.107.0", ProductVersion(typeof(torch)));

    private static string ProductVersion(Type type) => FileVersionInfo.GetVersionInfo(type.Assembly.Location).ProductVersion!.Split('+')[0];
}
