"""MuseTalk 1.5 without mmcv, mmpose or TensorFlow."""
