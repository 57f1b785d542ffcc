namespace Sconce.Trainers;

/// <summary>
/// The cell of a recurrent layer: how a time step computes the next hidden state from the input x and the previous hidden state h.
/// </summary>
/// <remarks>
/// σ is the logistic function and ⊙ the element-wise product; W are the weights of the input, U those of the hidden state, b biases, p
/// peepholes.
/// </remarks>
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
    /// An LSTM with coupled gates, i = 1 - f, which has three quarters of the weights. Greff et al., "LSTM: a search space
    /// odyssey", IEEE Transactions on Neural Networks and Learning Systems 28 (2017), variant CIFG.
    /// </summary>
    CoupledLstm,

    /// <summary>
    /// Gated recurrent unit: r, z = σ(W x + b + U h + b'), n = tanh(W x + b + r ⊙ (U h + b')), h' = (1 - z) ⊙ n + z ⊙ h. Cho et al.,
    /// "Learning phrase representations using RNN encoder-decoder", EMNLP 2014, with r applied after U, as in cuDNN and PyTorch.
    /// </summary>
    Gru,
}
