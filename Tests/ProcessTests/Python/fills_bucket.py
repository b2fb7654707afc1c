"""Puts a CSV file, a folder of 1,205 small ones with what consoles and programs leave beside them, and a picture into a bucket."""

import concurrent.futures
import os
import sys

import boto3

s3 = boto3.client("s3", endpoint_url=os.environ["S3_URL"], region_name="us-east-1")
with open(sys.argv[1], "rb") as file:
    s3.put_object(Bucket="models", Key="sets/a file & more.csv", Body=file.read())
objects = {f"sets/parts/{index:04}.csv": b"x,y\n%d,1\n" % index for index in range(1_205)}
objects |= {"sets/parts/": b"", "sets/parts/_SUCCESS": b"", "sets/partsbeside.csv": b"no,csv\n", "photos/a.png": b"x"}
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda item: s3.put_object(Bucket="models", Key=item[0], Body=item[1]), objects.items()))
print("filled")
