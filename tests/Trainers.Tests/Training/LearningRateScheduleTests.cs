using FsCheck;
using FsCheck.Fluent;

namespace Sconce.Trainers.Tests.Training;

public class LearningRateScheduleTests
{
    private static Arbitrary<double> Progress => Gen.Choose(0, 1_000_000).Select(value => value / 1e6).ToArbitrary();

    [Fact]
    public void Constant_is_one_throughout() => Prop.ForAll(Progress, progress => new ConstantSchedule().Factor(progress) == 1).Holds();

    [Fact]
    public void Cosine_falls_from_one_to_nought()
    {
        var schedule = new CosineSchedule();
        Assert.Equal(1, schedule.Factor(0), 1e-15);
        Assert.Equal(0.5, schedule.Factor(0.5), 1e-15);
        Assert.Equal(0, schedule.Factor(1), 1e-15);
        Prop.ForAll(Progress, progress => Assert.Equal(Math.Pow(Math.Cos(Math.PI * progress / 2), 2), schedule.Factor(progress), 1e-12)).Holds();
    }

    [Fact]
    public void One_cycle_has_the_published_defaults()
    {
        // PyTorch's OneCycleLR: pct_start 0.3, div_factor 25, final_div_factor 1e4 (there a divisor of the first rate).
        var schedule = new OneCycleSchedule();
        Assert.Equal(1 / 25.0, schedule.Factor(0), 1e-12);
        Assert.Equal(1, schedule.Factor(0.3), 1e-12);
        Assert.Equal(1 / 10_000.0, schedule.Factor(1), 1e-12);
    }

    [Fact]
    public void One_cycle_rises_and_falls_along_half_cosines()
    {
        var cases =
            from progress in Gen.Choose(0, 1_000_000)
            from warmUp in Gen.Choose(1, 99)
            from initial in Gen.Choose(1, 100)
            from final in Gen.Choose(1, 100_000)
            select (progress / 1e6, warmUp / 100.0, (double)initial, (double)final);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var (progress, warmUp, initial, final) = test;
            var schedule = new OneCycleSchedule { WarmUp = warmUp, InitialDivisor = initial, FinalDivisor = final };
            var (from, to, share) = progress < warmUp ? (1 / initial, 1.0, progress / warmUp) : (1.0, 1 / final, (progress - warmUp) / (1 - warmUp));
            // Written as a blend of the two ends, not as it is written in the code.
            var weight = Math.Pow(Math.Sin(Math.PI * share / 2), 2);
            Assert.Equal(from * (1 - weight) + to * weight, schedule.Factor(progress), 1e-12);
            Assert.InRange(schedule.Factor(progress), Math.Min(1 / initial, 1 / final) - 1e-12, 1 + 1e-12);
        }).Holds();
    }

    [Fact]
    public void One_cycle_has_no_jump_at_its_top()
    {
        var schedule = new OneCycleSchedule { WarmUp = 0.4 };
        Assert.Equal(schedule.Factor(0.4 - 1e-9), schedule.Factor(0.4 + 1e-9), 1e-9);
    }

    [Fact]
    public void Steps_multiply_the_rate_at_each_milestone()
    {
        var schedule = new StepSchedule { Milestones = [0.2, 0.5, 0.5, 0.9], Decay = 0.1 };
        Assert.Equal([1, 0.1, 0.1, 0.001, 0.0001], ((double[])[0.1999, 0.2, 0.4999, 0.5, 1]).Select(progress => Math.Round(schedule.Factor(progress), 12)));
        Assert.Equal([1, 0.1, 0.01], ((double[])[0, 0.5, 0.75]).Select(progress => Math.Round(new StepSchedule().Factor(progress), 12)));
    }

    [Fact]
    public void A_warm_up_rises_in_a_line_to_where_the_next_schedule_begins_and_gives_it_the_rest()
    {
        var cases =
            from progress in Gen.Choose(0, 1_000_000)
            from share in Gen.Choose(1, 99)
            from divisor in Gen.Choose(1, 100)
            select (progress / 1e6, share / 100.0, (double)divisor);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var (progress, share, divisor) = test;
            foreach (var then in (LearningRateSchedule[])[new ConstantSchedule(), new CosineSchedule(), new OneCycleSchedule(), new StepSchedule()])
            {
                var schedule = new WarmUpSchedule { Fraction = share, InitialDivisor = divisor, Then = then };
                var (start, end) = (then.Factor(0) / divisor, then.Factor(0));
                Assert.Equal(progress < share ? start + (end - start) * (progress / share) : then.Factor((progress - share) / (1 - share)), schedule.Factor(progress), 1e-12);
            }
        }).Holds();
    }
}
