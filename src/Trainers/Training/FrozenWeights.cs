using System.IO.Enumeration;
using Sconce.Core.Errors;
using static TorchSharp.torch;

namespace Sconce.Trainers.Training;

/// <summary>Freezes parameters, so that a training does not change them.</summary>
internal static class FrozenWeights
{
    /// <summary>Freezes the parameters that match the patterns. A batch normalization whose weight is frozen also keeps its running statistics, and normalizes with them.</summary>
    /// <exception cref="ArgumentException">A pattern matches no parameter, or together they match all; the message names the pattern and the parameters.</exception>
    public static void Freeze(nn.Module network, IReadOnlyList<string> patterns)
    {
        var parameters = network.named_parameters().ToList();
        foreach (var pattern in patterns)
        {
            var named = parameters.Where(parameter => Matches(pattern, parameter.name)).ToList();
            if (named.Count == 0)
                throw new ArgumentException($"{nameof(TrainingOptions.FrozenParameters)} has '{pattern}', which matches no parameter; the network has {string.Join(", ", parameters.Select(parameter => $"'{parameter.name}'"))}.").About(property: nameof(TrainingOptions.FrozenParameters));
            foreach (var (_, parameter) in named)
                parameter.requires_grad = false;
        }

        if (patterns.Count > 0 && parameters.TrueForAll(parameter => !parameter.parameter.requires_grad))
            throw new ArgumentException($"{nameof(TrainingOptions.FrozenParameters)} freezes every parameter of the network; leave at least one to train.").About(property: nameof(TrainingOptions.FrozenParameters));
    }

    /// <summary>Whether a pattern matches the whole name of a parameter, or the part before one of its dots.</summary>
    private static bool Matches(string pattern, string name) =>
        FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression($"{pattern}.*", name, ignoreCase: false);
}
