namespace Sconce.Trainers;

/// <summary>What a model is, its weights aside: enough to build the network again and to bind it to data.</summary>
/// <param name="Network">The network's description.</param>
/// <param name="Objective">What it was trained for, and so which columns it gives.</param>
/// <param name="Input">The feature column that it reads.</param>
public sealed record ModelDefinition(Network Network, Objective Objective, InputColumn Input);
