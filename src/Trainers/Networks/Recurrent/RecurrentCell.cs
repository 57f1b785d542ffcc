namespace Sconce.Trainers;

/// <summary>What happens in a recurrent layer at each time step: how the input x and the last hidden state h become the next one.</summary>
/// <remarks>σ is the logistic function, ⊙ a product value by value; W act on the input, U on the hidden state, b are biases, p peepholes.</remarks>
public enum RecurrentCell
{
    /// <summary>
    /// The standard recurrent network: h' = a(W x + U h + b) with a = tanh, or another activation. Elman, "Finding structure in
    /// time", Cognitive Science 14 (1990).
    /// </summary>
    Elman,

    /// <summary>
    /// Long short-term memory: i, f, o = σ(W x + U h + b), g = tanh(W x + U h + b), c' = f ⊙ c + i ⊙ g, h' = o ⊙ tanh(c').
    /// Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9 (1997), with the forget gate of Gers,
    /// Schmidhuber and Cummins, "Learning to forget", Neural Computation 12 (2000).
    /// </summary>
    Lstm,

    /// <summary>
    /// An LSTM whose gates see the cell state: p ⊙ c is added within i and f, p ⊙ c' within o. Gers and Schmidhuber, "Recurrent
    /// nets that time and count", IJCNN 2000.
    /// </summary>
    PeepholeLstm,

    /// <summary>
    /// An LSTM that writes what it forgets: i = 1 - f, three quarters of the weights. Greff et al., "LSTM: a search space
    /// odyssey", IEEE Transactions on Neural Networks and Learning Systems 28 (2017), variant CIFG.
    /// </summary>
    CoupledLstm,

    /// <summary>
    /// Gated recurrent unit: r, z = σ(W x + b + U h + b'), n = tanh(W x + b + r ⊙ (U h + b')), h' = (1 - z) ⊙ n + z ⊙ h. Cho et al.,
    /// "Learning phrase representations using RNN encoder-decoder", EMNLP 2014, with r applied after U, as in cuDNN and PyTorch.
    /// </summary>
    Gru,
}
