#!/bin/bash
# GPT-3 175B on 1,024 accelerators in Megatron-LM's options: the plan of quickstart.yaml as its users would start it.

export CUDA_DEVICE_MAX_CONNECTIONS=1
GPUS_PER_NODE=8
NNODES=${SLURM_NNODES:-128}
TP=8
PP=16

DISTRIBUTED_ARGS="--nproc_per_node $GPUS_PER_NODE --nnodes $NNODES --master_addr localhost --master_port 6000"

GPT_MODEL_ARGS=(
    --num-layers 96
    --hidden-size 12288
    --num-attention-heads 96
    --seq-length 2048
    --max-position-embeddings 2048
)

TRAINING_ARGS=(
    --micro-batch-size 1
    --global-batch-size 1536
    --train-iters 500000
    --lr 6.0e-5 --min-lr 6.0e-6 --lr-decay-style cosine
    --weight-decay 0.1
    --clip-grad 1.0
    --fp16
    --attention-backend unfused
    --no-async-tensor-model-parallel-allreduce
    --no-gradient-accumulation-fusion
)

torchrun $DISTRIBUTED_ARGS pretrain_gpt.py "${GPT_MODEL_ARGS[@]}" "${TRAINING_ARGS[@]}" \
    --tensor-model-parallel-size $TP \
    --pipeline-model-parallel-size ${PP} \
    --tokenizer-type GPT2BPETokenizer \
    --recompute-granularity full --recompute-method uniform --recompute-num-layers 1 \
    --data-path my-data_text_document --split 949,50,1 \
    --save checkpoints --log-interval 100
