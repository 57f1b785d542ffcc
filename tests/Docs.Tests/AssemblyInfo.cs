// The current folder and the standard output are the process's own, and every test keeps both cores busy by itself.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]
